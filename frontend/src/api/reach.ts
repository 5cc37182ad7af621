import { readonly, ref } from 'vue'

const answers = ref(true)

/** Whether the server answered the last request. */
export const serverAnswers = readonly(answers)

/** Set after every request; a gateway's error because the server is down counts as no answer. */
export function heard(status: number): void {
  answers.value = status > 0 && (status < 502 || status > 504)
}
