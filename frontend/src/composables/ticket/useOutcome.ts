import { ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { Extras } from '@/api/tasks'
import type { TaskVerb, Ticket, TicketEvent } from '@/api/types'
import { hasVoided } from '@/lib/ticket/events'
import { useSession } from '@/stores/session'

import { useToast } from '@/composables/screen/useToast'

/** The result of a decision on a ticket's page; it is kept after the panel is gone. */
export function useOutcome(
  trail: Ref<{ events: TicketEvent[] } | null>,
  moved: (answer?: Ticket) => Promise<void>,
) {
  const { t } = useI18n()
  const toast = useToast()
  const session = useSession()
  /** Why the last decision did not count. */
  const outdated = ref('')
  /** Whether my own change voided the earlier decisions. */
  const voided = ref(false)

  async function decided(answer: Ticket, verb: TaskVerb, extras: Extras): Promise<void> {
    const seen = trail.value?.events.at(-1)?.seq ?? 0
    outdated.value = ''
    toast.show(t(`decision.did.${verb}`, { title: answer.title }))
    void session.refreshCounts()
    await moved(answer)
    voided.value =
      extras.form !== undefined &&
      (trail.value?.events ?? []).some((event) => event.seq > seen && hasVoided(event))
  }

  function overtaken(words: string): void {
    outdated.value = words
    void moved()
    void session.refreshCounts()
  }
  return { outdated, voided, decided, overtaken }
}
