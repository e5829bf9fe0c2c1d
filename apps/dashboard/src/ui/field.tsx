import type { ComponentChildren, JSX } from 'preact';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  children: ComponentChildren;
}

/** A control with its name, a hint, and what is wrong with its value. */
export function Field({ label, hint, error, children }: FieldProps): JSX.Element {
  return (
    <label class={error === undefined ? 'field' : 'field wrong'}>
      <span class="label">{label}</span>
      {children}
      {error !== undefined && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
      {error === undefined && hint !== undefined && <span class="hint">{hint}</span>}
    </label>
  );
}
