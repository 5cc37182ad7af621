import { computed, ref, watch } from 'vue'

import { tickets, type DraftParts, type HandIn } from '@/api/tickets'
import type { FormValues, Priority } from '@/api/types'
import { draftOf, dropDraft, keepDraft } from '@/lib/form/drafts'
import { startValues } from '@/lib/form/values'
import { useFiles } from '@/stores/files'
import { usePeople } from '@/stores/people'

import { useAct } from '@/composables/request/useAct'
import { useLoad } from '@/composables/request/useLoad'

type Way = 'keep' | 'submit' | 'resubmit'

/** Editing a draft or a returned ticket; input is kept while another page is open. */
export function useTicketEdit(number: string) {
  const files = useFiles()
  const people = usePeople()
  const ticket = useLoad(() => tickets.get(number))
  const values = ref<FormValues>({})
  const title = ref('')
  const priority = ref<Priority>('normal')
  const isDraft = computed(() => ticket.data.value?.state === 'draft')
  /** The input belongs to this version of the ticket. */
  const place = computed(() => `${number}/${ticket.data.value?.version ?? ''}`)

  watch(ticket.data, (found) => {
    if (!found) return
    files.learn(found.attachments)
    people.learn(found.people)
    title.value = found.title
    priority.value = found.priority
    values.value = startValues(found.form_fields, draftOf(place.value) ?? found.form)
  })
  watch(values, (now) => keepDraft(place.value, now))

  const { pending, error, act } = useAct((key, way: Way, what: HandIn & DraftParts) =>
    tickets[way](number, what, key),
  )
  async function send(way: Way, what: HandIn): Promise<boolean> {
    const given = title.value.trim()
    // An untouched title is left to the server, which derives it from the content.
    const name = given === ticket.data.value?.title ? undefined : given
    const parts = isDraft.value ? { title: name, priority: priority.value } : {}
    const isDone = Boolean(await act(way, { ...what, ...parts }))
    if (isDone) dropDraft(place.value)
    return isDone
  }
  const handIn = (what: HandIn) => send(isDraft.value ? 'submit' : 'resubmit', what)
  const keep = (what: HandIn) => send('keep', what)

  return { ticket, values, title, priority, isDraft, pending, error, handIn, keep }
}
