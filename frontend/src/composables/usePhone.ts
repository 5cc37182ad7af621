import { useMediaQuery } from '@vueuse/core'

import { BREAKPOINTS } from '@/styles/breakpoints'

/** True where the page is laid out for a thumb. */
export const usePhone = () => useMediaQuery(BREAKPOINTS.phone)
