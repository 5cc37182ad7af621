import type { Ticket } from '@/api/types'

const FINAL = new Set(['completed', 'vetoed', 'withdrawn'])

export const isFinal = (state: string): boolean => FINAL.has(state)

/** The number of sub-tickets that would end with this ticket. */
export const openChildren = (ticket: Ticket): number =>
  ticket.children.filter((child) => !isFinal(child.state)).length
