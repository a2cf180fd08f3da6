import { createApp } from 'vue'
import App from './App.vue'
import { chooseLocale, locale } from './i18n'
import { router } from './router'
import { startClock } from './state/now'
import { startTheme } from './state/theme'
import './style/tokens.css'
import './style/base.css'

startTheme()
chooseLocale(locale.value)
startClock()
createApp(App).use(router).mount('#app')
