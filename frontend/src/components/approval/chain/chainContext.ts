import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'

/** What every part of a drawn chain may need to know of the ticket it belongs to. */
export interface ChainContext {
  /** Why the system passed a visit without asking, by `node/round`. */
  reasons: ComputedRef<Map<string, string>>
  mayReassign: ComputedRef<boolean>
  reassign: (node: string) => void
}

const KEY: InjectionKey<ChainContext> = Symbol('chain')

export const provideChain = (context: ChainContext) => provide(KEY, context)

/** Null where a chain is only simulated. */
export const useChain = () => inject(KEY, null)
