import { createSharedComposable, useTimestamp } from '@vueuse/core'

/** The time, ticking slowly: enough for "12 minutes ago". */
export const useNow = createSharedComposable(() => useTimestamp({ interval: 20_000 }))
