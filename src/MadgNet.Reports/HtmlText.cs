using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace MadgNet.Reports;

/// <summary>Text that becomes part of a page: nothing in it can begin an element, end an attribute or be run.</summary>
internal static class HtmlText
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>The text for the inside of an element or of an attribute in double quotes; half surrogates become U+FFFD.</summary>
    public static string Encode(string text) => Encoder.Encode(Clean(text));

    /// <summary>Without the control characters that no HTML or XML may hold.</summary>
    private static string Clean(string text) => text.Any(IsForbidden)
        ? string.Concat(text.Select(character => IsForbidden(character) ? '\uFFFD' : character))
        : text;

    private static bool IsForbidden(char character) => char.IsControl(character) && character is not ('\n' or '\r' or '\t');
}
