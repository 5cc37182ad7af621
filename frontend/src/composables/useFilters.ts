import { useAddress } from './useAddress'

const NAMES = ['q', 'state', 'template', 'stuck'] as const
export type Filters = Record<(typeof NAMES)[number], string>

/** What a list of tickets can be narrowed by. */
export const useFilters = () => useAddress(NAMES)
