import { useAddress } from './useAddress'

const NAMES = ['q', 'state', 'template', 'stuck'] as const
export type Filters = Record<(typeof NAMES)[number], string>

/** The filters of a ticket list. */
export const useFilters = () => useAddress(NAMES)
