namespace MadgNet.Core.Runtime;

/// <summary>Whether libtorch may compute with oneDNN, its fast convolutions on the processor.</summary>
public enum OneDnnMode
{
    /// <summary>
    /// oneDNN is used where it computes rightly. Where the processor tells no cache sizes, oneDNN's description of the processor
    /// is repaired; where that is not possible, or where the check of the arithmetic fails, oneDNN is switched off. The default.
    /// </summary>
    Auto,

    /// <summary>
    /// oneDNN is never switched off: its description of the processor is repaired where that is needed, and what cannot be
    /// repaired or computes wrongly is an <see cref="ArithmeticException"/>.
    /// </summary>
    On,

    /// <summary>oneDNN is switched off: right everywhere, at two to four times the time.</summary>
    Off,
}
