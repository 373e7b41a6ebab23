import "@fontsource-variable/inter/wght.css";
import "@fontsource/jetbrains-mono/latin-400.css";
import "@fontsource/jetbrains-mono/latin-500.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import "./styles/overlays.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { listen } from "./lib/keys";
import { place } from "./lib/place.svelte";
import { appearance } from "./lib/theme.svelte";

appearance.start();
listen();
mount(App, { target: document.getElementById("app")! });
place.start();
