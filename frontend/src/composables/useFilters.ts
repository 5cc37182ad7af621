import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export interface Filters {
  q: string
  state: string
  template: string
  stuck: string
}
const NONE: Filters = { q: '', state: '', template: '', stuck: '' }

/** Filters live in the address: a filtered list can be sent to a colleague. */
export function useFilters() {
  const route = useRoute()
  const router = useRouter()
  const filters = computed<Filters>({
    get: () => ({
      q: String(route.query.q ?? ''),
      state: String(route.query.state ?? ''),
      template: String(route.query.template ?? ''),
      stuck: route.query.stuck === 'true' ? 'true' : '',
    }),
    set: (next) => {
      const query = Object.fromEntries(Object.entries(next).filter(([, value]) => value))
      void router.replace({ query })
    },
  })
  const filtered = computed(() => Object.values(filters.value).some(Boolean))
  const clear = () => (filters.value = NONE)
  return { filters, filtered, clear }
}
