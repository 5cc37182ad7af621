/** Something that can be picked from a list. */
export interface Choice {
  value: string
  label: string
  /** What tells two of the same name apart. */
  hint?: string
  /** A person: drawn with a face, and with the username beside the name. */
  person?: boolean
}

/** Answers the choices that a search text leaves, best first. */
export type ChoiceSource = (q: string, signal: AbortSignal) => Promise<Choice[]>

/** What the list says of itself, where it has better words than the general ones. */
export interface ChoiceWords {
  search?: string
  none?: string
  full?: string
}

/** A source for choices that are all here already. */
export function among(choices: () => Choice[]): ChoiceSource {
  return async (q) => {
    const wanted = q.toLowerCase()
    return choices().filter(({ value, label, hint = '' }) =>
      [value, label, hint].some((words) => words.toLowerCase().includes(wanted)),
    )
  }
}
