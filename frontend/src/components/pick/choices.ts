/** An item that can be chosen from a list. */
export interface Choice {
  value: string
  label: string
  /** A second line that distinguishes items with the same name. */
  hint?: string
  /** A person: shown with initials, and the username beside the name. */
  person?: boolean
}

/** Returns the matching items for a search text, best first. */
export type ChoiceSource = (q: string, signal: AbortSignal) => Promise<Choice[]>

/** Texts of the list, if they are better than the general ones. */
export interface ChoiceWords {
  search?: string
  none?: string
  full?: string
}

/** A source of choices that are all loaded already. */
export function among(choices: () => Choice[]): ChoiceSource {
  return async (q) => {
    const wanted = q.toLowerCase()
    return choices().filter(({ value, label, hint = '' }) =>
      [value, label, hint].some((words) => words.toLowerCase().includes(wanted)),
    )
  }
}
