import type { FieldProblem } from '@/api/errors'

/** Whether `path` is `place` or a part of it: `form.items[3].price` is inside `form.items`. */
export function isInside(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`)
}

/** The error at exactly this place; empty if there is none. */
export function problemAt(problems: readonly FieldProblem[] = [], place: string): string {
  return problems.find(({ path }) => path === place)?.message ?? ''
}

/** The first error at a place or inside it; empty if there is none. */
export function problemIn(problems: readonly FieldProblem[] = [], place: string): string {
  return problems.find(({ path }) => isInside(path, place))?.message ?? ''
}
