namespace MadgNet.AspNetCore;

/// <summary>Texts of callers in answers: short, in one line, without control characters.</summary>
internal static class Shown
{
    private const int Longest = 120;

    public static string Text(string? text) => PlainText.Line(text is { Length: > Longest } ? text[..Longest] + "…" : text ?? "");
}
