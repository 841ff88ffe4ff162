// The entry of both builds: puts the page into the document.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import './fonts/fonts.css';
import './app/styles/tokens.css';
import './app/styles/base.css';
import './app/styles/controls.css';
import './app/styles/lane.css';
import './app/styles/page.css';
import './app/styles/panels.css';
import './app/styles/smaller.css';
import './app/styles/phone.css';
import './app/styles/embed.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root element.');

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
