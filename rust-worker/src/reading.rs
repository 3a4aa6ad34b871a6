//! What large parameters hold, read where they lie.

use compute::array::{Array, Builder};
use compute::discard::DropInBackground;
use compute::number::Number;
use compute::scan::{self, Numbers};
use compute::sum::Adding;
use procwire::{Codec, Context, Fault, Params, Raw};
use serde::de::DeserializeSeed;

/// The array of the parameter `numbers`.
pub struct Found {
    pub array: DropInBackground<Array>,
    /// There are no other parameters.
    pub alone: bool,
}

/// The parameter `numbers` as an array. With `strings`, decimal digits in a string are an integer.
pub fn array(params: &Params<'_>, strings: bool, cx: &Context) -> Result<Found, Fault> {
    let check = || wanted(cx);
    let (builder, alone) = numbers(params, strings, cx, || Builder::new(&check))?;
    Ok(Found { array: builder.finish(), alone })
}

/// The sum of the parameter `numbers`, of which nothing is kept.
pub fn sum(params: &Params<'_>, cx: &Context) -> Result<Number, Fault> {
    let check = || wanted(cx);
    Ok(numbers(params, false, cx, || Adding::new(&check))?.0.finish())
}

/// Whether to go on, in words.
fn wanted(cx: &Context) -> Result<(), String> {
    cx.check().map_err(|fault| fault.message.into_owned())
}

/// Reads the parameter `numbers` into what `make` makes. True if it is the only one: then it was read in one go, since
/// parameters that are looked through first are read twice.
fn numbers<N>(params: &Params<'_>, strings: bool, cx: &Context, make: impl Fn() -> N) -> Result<(N, bool), Fault>
where
    N: Numbers,
    for<'n, 'de> &'n mut N: DeserializeSeed<'de, Value = ()>,
{
    let mut alone = make();
    if is_only(params, strings, &mut alone) {
        return Ok((alone, true));
    }
    drop(alone);
    cx.check()?;
    let raw = params.get("numbers", 0)?.ok_or_else(|| params.fault("missing parameter `numbers`"))?;
    let mut found = make();
    // A reader that was stopped has nothing to say about the array.
    read(&raw, strings, &mut found)
        .map_err(|text| cx.check().err().unwrap_or_else(|| params.fault(format!("parameter `numbers`: {text}"))))?;
    Ok((found, false))
}

/// False if there are other parameters, or if something is wrong: the longer way finds the words for it.
fn is_only(params: &Params<'_>, strings: bool, into: &mut impl Numbers) -> bool {
    let text = if params.codec() == Codec::Json { params.bytes() } else { None };
    let Some((text, start)) = text.and_then(|text| Some((text, scan::first(text)?))) else {
        return false;
    };
    scan::array(&text[start..], strings, into).is_ok_and(|length| scan::is_last(text, start + length))
}

fn read<N>(raw: &Raw<'_>, strings: bool, into: &mut N) -> Result<(), String>
where
    N: Numbers,
    for<'n, 'de> &'n mut N: DeserializeSeed<'de, Value = ()>,
{
    match raw.codec() {
        Codec::Json => scan::array(raw.bytes(), strings, into).map(drop),
        _ => raw.decode_seed(into).map_err(|error| error.to_string()),
    }
}
