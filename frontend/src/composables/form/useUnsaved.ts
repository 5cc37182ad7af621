import { useEventListener } from '@vueuse/core'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'

import { useToast } from '@/composables/screen/useToast'

/**
 * Unsaved input: the browser asks before the page is closed, and other pages of this app say that the input
 * is kept. Set `touched` when something is typed, and reset it after submission.
 */
export function useUnsaved() {
  const { t } = useI18n()
  const toast = useToast()
  const touched = ref(false)

  useEventListener(window, 'beforeunload', (event) => {
    if (touched.value) event.preventDefault()
  })
  onBeforeRouteLeave(() => {
    if (touched.value) toast.show(t('form.stays'))
  })
  return touched
}
