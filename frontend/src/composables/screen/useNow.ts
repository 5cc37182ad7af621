import { createSharedComposable, useTimestamp } from '@vueuse/core'

/** The current time, updated slowly: enough for "12 minutes ago". */
export const useNow = createSharedComposable(() => useTimestamp({ interval: 20_000 }))
