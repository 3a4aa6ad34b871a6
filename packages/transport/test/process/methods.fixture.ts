export function add(): number {
  return 1;
}

export const subtract = (): number => -1;
