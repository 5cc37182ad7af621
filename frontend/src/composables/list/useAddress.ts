import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Filters in the URL, so that a filtered list can be sent to a colleague. Unset ones are ''. */
export function useAddress<Name extends string>(names: readonly Name[]) {
  type Filters = Record<Name, string>
  const route = useRoute()
  const router = useRouter()
  const filters = computed<Filters>({
    get: () =>
      Object.fromEntries(names.map((name) => [name, String(route.query[name] ?? '')])) as Filters,
    set: (next) => {
      const query = Object.fromEntries(Object.entries(next).filter(([, value]) => value))
      void router.replace({ query: query as Record<string, string> })
    },
  })
  const filtered = computed(() => Object.values(filters.value).some(Boolean))
  const clear = () => void router.replace({ query: {} })
  const set = (name: Name, value: string) => (filters.value = { ...filters.value, [name]: value })
  return { filters, filtered, clear, set }
}
