export function App() {
  return (
    <main>
      <h1>Flowscope</h1>
      <p>Wait for an answer, or put a message on a queue?</p>
    </main>
  );
}
