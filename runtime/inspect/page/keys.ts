export type KeyAction = {
  readonly keys: readonly string[];
  readonly does: string;
  act(event: KeyboardEvent): void;
};

/** Keys of the whole page. Where somebody types, only those with a name of their own are heard. */
export function listen(actions: readonly KeyAction[]): void {
  document.addEventListener('keydown', (event) => {
    // A dialog has keys of its own.
    if (document.querySelector('dialog[open]') !== null) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search';
    const isOperating =
      event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement;
    if (isTyping && event.key !== 'Escape') return;
    if (isOperating && (event.key === ' ' || event.key === 'Enter' || event.key.startsWith('Arrow'))) return;
    const action = actions.find(({ keys }) => keys.includes(event.key));
    if (action === undefined) return;
    event.preventDefault();
    action.act(event);
  });
}

/** How a key is called on the page. */
export function nameOfKey(key: string): string {
  const names: Readonly<Record<string, string>> = {
    ArrowLeft: '←',
    ArrowRight: '→',
    ' ': 'Space',
    Escape: 'Esc',
  };
  return names[key] ?? key;
}
