/** A picture for an account: the first letter of its name. */
export function portrait(name: string): string {
  const letter = /\p{L}/u.exec(name)?.[0] ?? "?";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="#5f6368"/><text x="48" y="62" font-family="sans-serif" font-size="44" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
}
