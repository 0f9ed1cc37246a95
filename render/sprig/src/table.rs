//! The names of all functions.

use std::sync::Arc;

use gotemplate::{Function, FunctionError, FunctionMap, MethodMap};
use value::Str;

use crate::{
    crypto,
    dates::{self, durations},
    decimals, dicts, encoding,
    host::Host,
    json, lists, merge, numbers, paths, random, reflection, regexes, strings, urls, versions, words, wrap,
};

type Row = (&'static str, Function);

/// For sprig's functions and the few that a caller adds: the table is built at the start of every program.
const ROOM: usize = 300;

/// sprig's functions. What needs the outside asks the host, so make one table a host.
pub fn functions(host: &Arc<dyn Host>) -> FunctionMap {
    let mut functions = FunctionMap::with_capacity(ROOM);
    functions.extend(string_functions());
    functions.extend(word_functions());
    functions.extend(number_functions());
    functions.extend(list_functions());
    functions.extend(must_list_functions());
    functions.extend(dict_functions());
    functions.extend(reflection_functions());
    functions.extend(encoding_functions());
    functions.extend(path_url_and_version_functions());
    functions.extend(regex_functions());
    functions.extend(date_functions(host));
    functions.extend(moving_date_functions());
    functions.extend(random_functions(host));
    functions.extend(secret_functions(host));
    functions.extend(certificate_functions(host));
    functions
}

/// What Helm 4 adds: durations.
pub fn helm4_functions() -> FunctionMap {
    FunctionMap::from_iter([
        ("mustToDuration", Function::new(durations::must_to_duration)),
        ("durationNanoseconds", Function::new(durations::nanoseconds)),
        ("durationMicroseconds", Function::new(durations::microseconds)),
        ("durationMilliseconds", Function::new(durations::milliseconds)),
        ("durationSeconds", Function::new(durations::seconds)),
        ("durationMinutes", Function::new(durations::minutes)),
        ("durationHours", Function::new(durations::hours)),
        ("durationDays", Function::new(durations::days)),
        ("durationWeeks", Function::new(durations::weeks)),
        ("durationRoundTo", Function::new(durations::round_to)),
        ("durationTruncateTo", Function::new(durations::truncate_to)),
    ])
}

/// The methods of what functions return, where those don't answer calls themselves: `time.Time`, `time.Duration`,
/// `*semver.Version`.
pub fn methods(host: &Arc<dyn Host>) -> MethodMap {
    dates::methods(host).into_iter().chain(versions::methods()).collect()
}

fn string_functions() -> Vec<Row> {
    vec![
        ("abbrev", Function::new(wrap::abbrev)),
        ("abbrevboth", Function::new(wrap::abbrevboth)),
        ("cat", Function::new(strings::cat)),
        ("contains", Function::new(strings::contains)),
        ("hasPrefix", Function::new(strings::has_prefix)),
        ("hasSuffix", Function::new(strings::has_suffix)),
        ("hello", Function::new(|| "Hello!")),
        ("indent", Function::with_call(strings::indent)),
        ("join", Function::with_call(strings::join)),
        ("nindent", Function::with_call(strings::nindent)),
        ("plural", Function::new(strings::plural)),
        ("quote", Function::new(strings::quote)),
        ("repeat", Function::with_call(strings::repeat)),
        ("replace", Function::with_call(strings::replace)),
        ("split", Function::with_call(strings::split)),
        ("splitList", Function::with_call(strings::split_list)),
        ("splitn", Function::with_call(strings::splitn)),
        ("squote", Function::new(strings::squote)),
        ("substr", Function::new(strings::substring)),
        ("toString", Function::new(|value| crate::cast::text(&value))),
        ("toStrings", Function::new(strings::to_strings)),
        ("trim", Function::new(strings::trim)),
        ("trimAll", Function::new(strings::trim_all)),
        ("trimall", Function::new(strings::trim_all)),
        ("trimPrefix", Function::new(strings::trim_prefix)),
        ("trimSuffix", Function::new(strings::trim_suffix)),
        ("trunc", Function::new(strings::trunc)),
        ("wrap", Function::with_call(wrap::wrap)),
        ("wrapWith", Function::with_call(wrap::wrap_with)),
    ]
}

fn word_functions() -> Vec<Row> {
    vec![
        ("camelcase", Function::new(words::camelcase)),
        ("initials", Function::new(words::initials)),
        ("kebabcase", Function::new(words::kebabcase)),
        ("lower", Function::new(words::lower)),
        ("nospace", Function::new(words::nospace)),
        ("snakecase", Function::new(words::snakecase)),
        ("swapcase", Function::new(words::swapcase)),
        ("title", Function::new(words::title)),
        ("untitle", Function::new(words::untitle)),
        ("upper", Function::new(words::upper)),
    ]
}

fn number_functions() -> Vec<Row> {
    vec![
        ("add", Function::new(numbers::add)),
        ("add1", Function::new(numbers::add1)),
        ("add1f", Function::new(decimals::add1f)),
        ("addf", Function::new(decimals::addf)),
        ("atoi", Function::new(numbers::atoi)),
        ("biggest", Function::new(numbers::max)),
        ("ceil", Function::new(numbers::ceil)),
        ("div", Function::new(numbers::div)),
        ("divf", Function::new(decimals::divf)),
        ("float64", Function::new(numbers::float64)),
        ("floor", Function::new(numbers::floor)),
        ("int", Function::new(numbers::int)),
        ("int64", Function::new(numbers::int64)),
        ("max", Function::new(numbers::max)),
        ("maxf", Function::new(numbers::maxf)),
        ("min", Function::new(numbers::min)),
        ("minf", Function::new(numbers::minf)),
        ("mod", Function::new(numbers::modulo)),
        ("mul", Function::new(numbers::mul)),
        ("mulf", Function::new(decimals::mulf)),
        ("round", Function::new(numbers::round)),
        ("seq", Function::with_call(numbers::seq)),
        ("sub", Function::new(numbers::sub)),
        ("subf", Function::new(decimals::subf)),
        ("toDecimal", Function::new(numbers::to_decimal)),
        ("until", Function::with_call(numbers::until)),
        ("untilStep", Function::with_call(numbers::until_step)),
    ]
}

fn list_functions() -> Vec<Row> {
    vec![
        ("append", Function::with_call(lists::append)),
        ("chunk", Function::new(lists::chunk)),
        ("compact", Function::new(lists::compact)),
        ("concat", Function::with_call(lists::concat)),
        ("first", Function::new(lists::first)),
        ("has", Function::new(lists::has)),
        ("initial", Function::new(lists::initial)),
        ("last", Function::new(lists::last)),
        ("list", Function::new(lists::list)),
        ("prepend", Function::with_call(lists::prepend)),
        ("push", Function::with_call(lists::append)),
        ("rest", Function::new(lists::rest)),
        ("reverse", Function::new(lists::reverse)),
        ("slice", Function::new(lists::slice)),
        ("sortAlpha", Function::new(lists::sort_alpha)),
        ("tuple", Function::new(lists::list)),
        ("uniq", Function::with_call(lists::uniq)),
        ("without", Function::new(lists::without)),
    ]
}

fn must_list_functions() -> Vec<Row> {
    vec![
        ("mustAppend", Function::with_call(lists::append)),
        ("mustChunk", Function::new(lists::chunk)),
        ("mustCompact", Function::new(lists::compact)),
        ("mustFirst", Function::new(lists::first)),
        ("mustHas", Function::new(lists::has)),
        ("mustInitial", Function::new(lists::initial)),
        ("mustLast", Function::new(lists::last)),
        ("mustPrepend", Function::with_call(lists::prepend)),
        ("mustPush", Function::with_call(lists::append)),
        ("mustRest", Function::new(lists::rest)),
        ("mustReverse", Function::new(lists::reverse)),
        ("mustSlice", Function::new(lists::slice)),
        ("mustUniq", Function::with_call(lists::uniq)),
        ("mustWithout", Function::new(lists::without)),
    ]
}

fn dict_functions() -> Vec<Row> {
    vec![
        ("deepCopy", Function::with_call(dicts::deep_copy)),
        ("dict", Function::new(dicts::dict)),
        ("dig", Function::new(dicts::dig)),
        ("get", Function::new(dicts::get)),
        ("hasKey", Function::new(dicts::has_key)),
        ("keys", Function::new(dicts::keys)),
        ("merge", Function::new(merge::merge)),
        ("mergeOverwrite", Function::new(merge::merge_overwrite)),
        ("mustDeepCopy", Function::with_call(dicts::deep_copy)),
        ("mustMerge", Function::new(merge::must_merge)),
        ("mustMergeOverwrite", Function::new(merge::must_merge_overwrite)),
        ("omit", Function::new(dicts::omit)),
        ("pick", Function::new(dicts::pick)),
        ("pluck", Function::new(dicts::pluck)),
        ("set", Function::new(dicts::set)),
        ("unset", Function::new(dicts::unset)),
        ("values", Function::new(dicts::values)),
    ]
}

fn reflection_functions() -> Vec<Row> {
    vec![
        ("all", Function::new(reflection::all)),
        ("any", Function::new(reflection::any)),
        ("coalesce", Function::new(reflection::coalesce)),
        ("deepEqual", Function::new(reflection::deep_equal)),
        ("default", Function::new(reflection::default)),
        ("empty", Function::new(reflection::empty)),
        ("fail", Function::new(|message: Str| Err::<Str, _>(FunctionError::new(message.to_text())))),
        ("kindIs", Function::new(reflection::kind_is)),
        ("kindOf", Function::new(reflection::kind_of)),
        ("ternary", Function::new(reflection::ternary)),
        ("typeIs", Function::new(reflection::type_is)),
        ("typeIsLike", Function::new(reflection::type_is_like)),
        ("typeOf", Function::new(reflection::type_of)),
    ]
}

fn encoding_functions() -> Vec<Row> {
    vec![
        ("adler32sum", Function::new(encoding::adler32sum)),
        ("b32dec", Function::new(encoding::b32dec)),
        ("b32enc", Function::new(encoding::b32enc)),
        ("b64dec", Function::new(encoding::b64dec)),
        ("b64enc", Function::new(encoding::b64enc)),
        ("fromJson", Function::with_call(json::from_json)),
        ("mustFromJson", Function::with_call(json::must_from_json)),
        ("mustToJson", Function::new(json::must_to_json)),
        ("mustToPrettyJson", Function::new(json::must_to_pretty_json)),
        ("mustToRawJson", Function::new(json::to_raw_json)),
        ("sha1sum", Function::new(encoding::sha1sum)),
        ("sha256sum", Function::new(encoding::sha256sum)),
        ("sha512sum", Function::new(encoding::sha512sum)),
        ("toJson", Function::new(json::to_json)),
        ("toPrettyJson", Function::new(json::to_pretty_json)),
        ("toRawJson", Function::new(json::to_raw_json)),
    ]
}

fn path_url_and_version_functions() -> Vec<Row> {
    vec![
        ("base", Function::new(paths::base)),
        ("clean", Function::new(paths::clean)),
        ("dir", Function::new(paths::dir)),
        ("ext", Function::new(paths::ext)),
        // Who lets charts ask name servers puts another in its place.
        ("getHostByName", Function::new(|_: Str| "")),
        ("isAbs", Function::new(paths::is_abs)),
        ("osBase", Function::new(paths::base)),
        ("osClean", Function::new(paths::clean)),
        ("osDir", Function::new(paths::dir)),
        ("osExt", Function::new(paths::ext)),
        ("osIsAbs", Function::new(paths::is_abs)),
        ("semver", Function::new(versions::semver)),
        ("semverCompare", Function::new(versions::semver_compare)),
        ("urlJoin", Function::new(urls::url_join)),
        ("urlParse", Function::new(urls::url_parse)),
    ]
}

fn regex_functions() -> Vec<Row> {
    use regexes::Report::{Error, Panic};
    let patterns = Arc::default();
    vec![
        ("mustRegexFind", regexes::find(&patterns, Error)),
        ("mustRegexFindAll", regexes::find_all(&patterns, Error)),
        ("mustRegexMatch", regexes::must_match(&patterns)),
        ("mustRegexReplaceAll", regexes::replace_all(&patterns, Error)),
        ("mustRegexReplaceAllLiteral", regexes::replace_all_literal(&patterns, Error)),
        ("mustRegexSplit", regexes::split(&patterns, Error)),
        ("regexFind", regexes::find(&patterns, Panic)),
        ("regexFindAll", regexes::find_all(&patterns, Panic)),
        ("regexMatch", regexes::is_match(&patterns)),
        ("regexQuoteMeta", Function::new(regexes::quote_meta)),
        ("regexReplaceAll", regexes::replace_all(&patterns, Panic)),
        ("regexReplaceAllLiteral", regexes::replace_all_literal(&patterns, Panic)),
        ("regexSplit", regexes::split(&patterns, Panic)),
    ]
}

/// Puts the host before the arguments of a function.
macro_rules! hosted {
    ($host:expr, $function:path, $($argument:ident),*) => {{
        let host = Arc::clone($host);
        Function::new(move |$($argument),*| $function(host.as_ref(), $($argument),*))
    }};
}

fn date_functions(host: &Arc<dyn Host>) -> Vec<Row> {
    vec![
        ("ago", hosted!(host, dates::ago, date)),
        ("date", hosted!(host, dates::date, layout, date)),
        ("dateInZone", hosted!(host, dates::date_in_zone, layout, date, zone)),
        ("date_in_zone", hosted!(host, dates::date_in_zone, layout, date, zone)),
        ("duration", Function::new(dates::duration)),
        ("durationRound", hosted!(host, dates::duration_round, duration)),
        ("htmlDate", hosted!(host, dates::html_date, date)),
        ("htmlDateInZone", hosted!(host, dates::html_date_in_zone, date, zone)),
        ("mustToDate", hosted!(host, dates::must_to_date, layout, text)),
        ("now", hosted!(host, dates::now,)),
        ("toDate", hosted!(host, dates::to_date, layout, text)),
        ("unixEpoch", Function::new(dates::unix_epoch)),
    ]
}

fn moving_date_functions() -> Vec<Row> {
    vec![
        ("dateModify", Function::new(dates::date_modify)),
        ("date_modify", Function::new(dates::date_modify)),
        ("mustDateModify", Function::new(dates::must_date_modify)),
        ("must_date_modify", Function::new(dates::must_date_modify)),
    ]
}

/// As [`hosted`], for functions that charge the limits.
macro_rules! hosted_with_call {
    ($host:expr, $function:path) => {{
        let host = Arc::clone($host);
        Function::with_call(move |call: &mut gotemplate::Call<'_>, count: isize| {
            $function(host.as_ref(), call, count)
        })
    }};
}

fn random_functions(host: &Arc<dyn Host>) -> Vec<Row> {
    vec![
        ("randAlpha", hosted_with_call!(host, random::rand_alpha)),
        ("randAlphaNum", hosted_with_call!(host, random::rand_alpha_num)),
        ("randAscii", hosted_with_call!(host, random::rand_ascii)),
        ("randBytes", hosted_with_call!(host, random::rand_bytes)),
        ("randInt", hosted!(host, random::rand_int, from, to)),
        ("randNumeric", hosted_with_call!(host, random::rand_numeric)),
        ("shuffle", hosted!(host, random::shuffle, text)),
        ("uuidv4", hosted!(host, random::uuidv4,)),
    ]
}

/// As [`hosted`], for functions of so much computing that they charge the limits: the first argument is the steps.
macro_rules! costly {
    ($host:expr, $steps:expr, $function:path, $($argument:ident),*) => {{
        let host = Arc::clone($host);
        Function::with_call(move |call: &mut gotemplate::Call<'_>, $($argument),*| {
            call.charge($steps)?;
            Ok::<_, FunctionError>($function(host.as_ref(), $($argument),*))
        })
    }};
}

/// About a step a microsecond.
const BCRYPT: u64 = 200_000;
/// DSA takes longest, up to a second.
const PRIVATE_KEY: u64 = 1_000_000;
const RSA_2048: u64 = 80_000;
const SIGNATURE: u64 = 2_000;

fn secret_functions(host: &Arc<dyn Host>) -> Vec<Row> {
    vec![
        ("bcrypt", costly!(host, BCRYPT, crypto::bcrypt, password)),
        ("decryptAES", Function::new(crypto::decrypt_aes)),
        ("derivePassword", Function::with_call(crypto::derive_password)),
        ("encryptAES", hosted!(host, crypto::encrypt_aes, password, text)),
        ("genPrivateKey", costly!(host, PRIVATE_KEY, crypto::gen_private_key, kind)),
        ("htpasswd", costly!(host, BCRYPT, crypto::htpasswd, user, password)),
    ]
}

fn certificate_functions(host: &Arc<dyn Host>) -> Vec<Row> {
    vec![
        ("buildCustomCert", Function::new(crypto::build_custom_cert)),
        ("genCA", costly!(host, RSA_2048, crypto::gen_ca, name, days)),
        ("genCAWithKey", costly!(host, SIGNATURE, crypto::gen_ca_with_key, name, days, key)),
        (
            "genSelfSignedCert",
            costly!(host, RSA_2048, crypto::gen_self_signed_cert, name, addresses, names, days),
        ),
        (
            "genSelfSignedCertWithKey",
            costly!(
                host,
                SIGNATURE,
                crypto::gen_self_signed_cert_with_key,
                name,
                addresses,
                names,
                days,
                key
            ),
        ),
        (
            "genSignedCert",
            costly!(host, RSA_2048, crypto::gen_signed_cert, name, addresses, names, days, authority),
        ),
        (
            "genSignedCertWithKey",
            costly!(
                host,
                SIGNATURE,
                crypto::gen_signed_cert_with_key,
                name,
                addresses,
                names,
                days,
                authority,
                key
            ),
        ),
    ]
}
