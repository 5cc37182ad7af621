import { usePreferredDark, useStorage } from '@vueuse/core'
import { computed, watchEffect } from 'vue'

export type Theme = 'light' | 'dark' | 'system'

/** The theme chosen in this browser. */
export const theme = useStorage<Theme>('baton-theme', 'system', localStorage, {
  writeDefaults: false,
})

const systemIsDark = usePreferredDark()
export const isDark = computed(() =>
  ['light', 'dark'].includes(theme.value) ? theme.value === 'dark' : systemIsDark.value,
)

watchEffect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
})
