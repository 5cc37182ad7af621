import { useMediaQuery } from '@vueuse/core'

import { BREAKPOINTS } from '@/styles/breakpoints'

/** True if the page uses the phone layout. */
export const usePhone = () => useMediaQuery(BREAKPOINTS.phone)
