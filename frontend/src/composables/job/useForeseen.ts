import { ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { toApiError, type ApiError } from '@/api/errors'
import { tickets } from '@/api/tickets'
import type { Foreseen, Ticket } from '@/api/types'

import { useAct } from '@/composables/request/useAct'
import { useToast } from '@/composables/screen/useToast'

/** The predicted changes of a plan's dry run, loaded on request; and a request for another dry run. */
export function useForeseen(
  plan: () => { number: string; node: string; digest: string },
  onAsked: (ticket: Ticket) => void,
) {
  const toast = useToast()
  const { t } = useI18n()
  const isOpen = ref(false)
  const foreseen = shallowRef<Foreseen | null>(null)
  const error = shallowRef<ApiError | null>(null)

  async function fetch() {
    const { number, node } = plan()
    try {
      foreseen.value = await tickets.foreseen(number, node)
      error.value = null
    } catch (thrown) {
      error.value = toApiError(thrown)
    }
  }
  watch([isOpen, () => plan().digest], ([open]) => {
    if (open) void fetch()
  })

  const asking = useAct((key) => tickets.dryRun(plan().number, plan().node, key))
  async function again() {
    const ticket = await asking.act()
    if (ticket) onAsked(ticket)
    toast.show(ticket ? t('dryRun.asked') : (asking.error.value?.message ?? ''), !ticket)
  }
  return { isOpen, foreseen, error, asking: asking.pending, again, fetch }
}
