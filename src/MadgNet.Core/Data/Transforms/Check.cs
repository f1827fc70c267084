using System.Runtime.CompilerServices;

namespace MadgNet.Core.Data.Transforms;

/// <summary>Argument checks whose messages say what was received, what is expected and what to do.</summary>
internal static class Check
{
    public static void Range(
        double value, bool legal, string expected, string remedy, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!legal)
        {
            throw new ArgumentOutOfRangeException(name, value, $"received {value}; expected {expected}. {remedy}.");
        }
    }
}
