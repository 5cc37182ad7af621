import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'

/** What the parts of a drawn chain need to know about the ticket. */
export interface ChainContext {
  /** Why the system passed a visit without asking, by `node/round`. */
  reasons: ComputedRef<Map<string, string>>
  mayReassign: ComputedRef<boolean>
  reassign: (node: string) => void
}

const KEY: InjectionKey<ChainContext> = Symbol('chain')

export const provideChain = (context: ChainContext) => provide(KEY, context)

/** Null for a simulated chain. */
export const useChain = () => inject(KEY, null)
