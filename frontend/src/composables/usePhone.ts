import { readonly, ref } from 'vue'

const query = window.matchMedia('(width < 768px)')
const isPhone = ref(query.matches)
query.addEventListener('change', (event) => (isPhone.value = event.matches))

/** True where the page is laid out for a thumb. */
export const usePhone = () => readonly(isPhone)
