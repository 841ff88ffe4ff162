// @vitest-environment happy-dom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createStore } from 'zustand';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cleanup } from '@testing-library/react';
import { checkout } from '../../scenarios/checkout.ts';
import type { NumberParameter, ParameterValue } from '../../scenarios/scenario.ts';
import { SessionContext, type Session } from '../state/session.ts';
import { createUiStore } from '../state/uiStore.ts';
import { NumberField } from './NumberField.tsx';
import { Slider } from './Slider.tsx';

afterEach(cleanup);

function parameter(key: string): NumberParameter {
  const found = checkout.parameters.find((one) => one.key === key);
  if (found?.kind !== 'number') throw new Error(`no number parameter ${key}`);
  return found;
}

/** Only the stores: the field needs nothing else of a session. */
function show(key: string, value: ParameterValue) {
  const ui = createUiStore({
    theme: 'light',
    notes: [],
    latencyOf: 'email',
    failureOf: 'email',
  });
  const session = { scenario: checkout, ui, status: createStore(() => ({})) } as unknown as Session;
  const onChange = vi.fn<(value: ParameterValue) => void>();
  render(
    <SessionContext value={session}>
      <NumberField parameter={parameter(key)} value={value} onChange={onChange} />
    </SessionContext>,
  );
  return { onChange, notes: () => ui.getState().notes.map((note) => note.text) };
}

describe('number field', () => {
  it('shows seconds, but is edited in its own unit', async () => {
    const user = userEvent.setup();
    const { onChange } = show('email.latency', 4000);
    const field = screen.getByRole<HTMLInputElement>('textbox');
    expect(field.value).toBe('4.0');
    await user.click(field);
    expect(field.value).toBe('4000');
    await user.clear(field);
    await user.type(field, '250{Enter}');
    expect(onChange).toHaveBeenCalledExactlyOnceWith(250);
  });

  it('takes a unit that is typed along', async () => {
    const user = userEvent.setup();
    const { onChange } = show('email.latency', 200);
    const field = screen.getByRole('textbox');
    await user.clear(field);
    await user.type(field, '1.5 s{Enter}');
    expect(onChange).toHaveBeenCalledExactlyOnceWith(1500);
  });

  it('clamps, and says so', async () => {
    const user = userEvent.setup();
    const { onChange, notes } = show('load', 12);
    const field = screen.getByRole('textbox');
    await user.clear(field);
    await user.type(field, '99999{Enter}');
    expect(onChange).toHaveBeenCalledExactlyOnceWith(2000);
    expect(notes()).toHaveLength(1);
    expect(notes()[0]).toContain('2,000');
  });

  it('goes back to what was there when the text is no number, and says so', async () => {
    const user = userEvent.setup();
    const { onChange, notes } = show('load', 12);
    const field = screen.getByRole<HTMLInputElement>('textbox');
    await user.clear(field);
    await user.type(field, 'many{Enter}');
    expect(onChange).not.toHaveBeenCalled();
    expect(field.value).toBe('12');
    expect(notes()[0]).toContain('many');
  });

  it('forgets what was typed on Escape', async () => {
    const user = userEvent.setup();
    const { onChange, notes } = show('load', 12);
    await user.type(screen.getByRole('textbox'), '7{Escape}');
    expect(onChange).not.toHaveBeenCalled();
    expect(notes()).toEqual([]);
  });
});

describe('slider', () => {
  it('speaks its value with the unit and moves by keys', async () => {
    const user = userEvent.setup();
    const onChange = vi.fn<(value: number) => void>();
    render(
      <Slider parameter={parameter('email.latency')} value={4000} was={200} onChange={onChange} />,
    );
    const slider = screen.getByRole('slider', { name: 'Latency of Email' });
    expect(slider.getAttribute('aria-valuetext')).toBe('4.0 s');
    slider.focus();
    await user.keyboard('{ArrowRight}{ArrowLeft}{Home}{End}');
    expect(onChange.mock.calls.map(([value]) => value)).toEqual([4100, 3900, 10, 10_000]);
  });
});
