//! What the browser has: time, timers, randomness, objects. (Other hosts of JavaScript,
//! such as Node, have them too.)

use core::time::Duration;

use wasm_bindgen::prelude::*;
use xmpp_core::time::Instant;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &js_sys::Uint8Array);
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(call: &js_sys::Function, ms: i32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    pub(crate) fn clear_timeout(timer: &JsValue);
}

/// The moment, on a clock that only goes forward.
pub(crate) fn now() -> Instant {
    Instant::from_origin(Duration::from_micros((performance_now() * 1000.0) as u64))
}

/// For a timer: rounded up, so that the deadline has come.
pub(crate) fn millis(wait: Duration) -> i32 {
    i32::try_from(wait.as_millis().saturating_add(1)).unwrap_or(i32::MAX)
}

/// 32 bytes that nobody can guess.
pub(crate) fn seed() -> [u8; 32] {
    let bytes = js_sys::Uint8Array::new_with_length(32);
    get_random_values(&bytes);
    let mut seed = [0; 32];
    bytes.copy_to(&mut seed);
    seed
}

pub(crate) fn object(fields: &[(&str, &str)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        // Setting a field of a new object does not fail.
        let _ = js_sys::Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    object.into()
}

pub(crate) fn closed(error: Option<&str>) -> JsValue {
    match error {
        None => object(&[("type", "closed")]),
        Some(error) => object(&[("type", "closed"), ("error", error)]),
    }
}

pub(crate) fn error(value: &JsValue) -> JsError {
    let text = value.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    JsError::new(&text.unwrap_or_else(|| "the browser refuses".into()))
}
