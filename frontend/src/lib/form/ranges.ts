/** A first and a last day, such as `2026-11-20`. */
export interface DateRange {
  start: string
  end: string
}

const DAY = 86_400_000

/** The number of days, first and last included; null if it is incomplete or reversed. */
export function daysOf({ start, end }: Partial<DateRange>): number | null {
  if (!start || !end) return null
  const days = Math.round((Date.parse(end.slice(0, 10)) - Date.parse(start.slice(0, 10))) / DAY) + 1
  return days > 0 ? days : null
}
