import { useEventListener } from '@vueuse/core'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'

import { useToast } from './useToast'

/**
 * Typing that was not handed in: the browser asks before it is closed over it, and another page of ours
 * says that it is kept. `touched` is set by whoever hears the typing, and taken back once it is handed in.
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
