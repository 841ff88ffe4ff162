/** Direct writes to elements that touch the document only when something differs. */

export function write(element: Element, attribute: string, value: string): void {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

export function writeText(element: Element, text: string): void {
  const node = element.firstChild;
  // In place: a text node that goes and another that comes are laid out anew with all around them.
  if (node instanceof Text && node.nextSibling === null) {
    if (node.data !== text) node.data = text;
  } else if (element.textContent !== text) element.textContent = text;
}
