import type { FieldProblem } from '@/api/errors'

/** Whether `path` speaks of `place` or of a part of it: `form.items[3].price` is inside `form.items`. */
export function isInside(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`)
}

/** What is wrong at exactly this place; empty where nothing is. */
export function problemAt(problems: readonly FieldProblem[] = [], place: string): string {
  return problems.find(({ path }) => path === place)?.message ?? ''
}

/** What is wrong at a place or anywhere in it; empty where nothing is. */
export function problemIn(problems: readonly FieldProblem[] = [], place: string): string {
  return problems.find(({ path }) => isInside(path, place))?.message ?? ''
}
