type Child = Node | string | undefined;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes and children. Attributes that are false or undefined are left out, but for ARIA's false. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return furnished(document.createElement(name), attributes, children);
}

/** The same, of a drawing. */
export function shape<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return furnished(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

/** The element of the page with that id, which its document has. */
export function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

/** Calls `draw` before the next frame, once, however often it is asked to; less often if it takes long. */
export function onceAFrame(draw: () => void): () => void {
  let isPlanned = false;
  let restUntil = 0;
  const run = () => {
    const startedAt = performance.now();
    if (startedAt < restUntil) {
      setTimeout(() => requestAnimationFrame(run), restUntil - startedAt);
      return;
    }
    isPlanned = false;
    draw();
    const took = performance.now() - startedAt;
    // Time for what is told is needed more than a picture that is replaced at once.
    if (took > SLOW_MS) restUntil = performance.now() + 3 * took;
  };
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(run);
  };
}

const SLOW_MS = 8;

function furnished<Made extends Element>(
  made: Made,
  attributes: Attributes,
  children: readonly Child[],
): Made {
  for (const [name, value] of Object.entries(attributes)) {
    const isSpelled = name.startsWith('aria-') || typeof value !== 'boolean';
    if (value !== undefined && (value !== false || isSpelled)) {
      made.setAttribute(name, isSpelled ? String(value) : '');
    }
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}
