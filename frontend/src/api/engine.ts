/** Keys of the ticket answer that the OpenAPI document does not have yet. */
import type { Text } from '@/lib/text'

/** A branch of a fork that a node stands in. */
export interface Within {
  fork: string
  branch: number
  name: Text
}

/** Another ticket that this one made, or that made this one. */
export interface Relative {
  number: string
  state: string
  title: string
  node?: string | null
}

export interface NodeMore {
  within?: Within[]
  until?: string | null
  children?: string[]
}

export interface TaskMore {
  /** The task this signature was added to. */
  added_to?: number | null
  position?: '' | 'before' | 'after' | 'with'
  return_to?: { node: string; name: Text }[]
  editable?: string[]
}
