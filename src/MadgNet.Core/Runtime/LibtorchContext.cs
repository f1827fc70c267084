namespace MadgNet.Core.Runtime;

/// <summary>
/// Switches of libtorch's global context (ATen/Context.h) that TorchSharp does not offer; null where they are not exported.
/// </summary>
internal static unsafe class LibtorchContext
{
    private static readonly Lazy<nint> Context = new(() =>
    {
        nint function = LibtorchExports.Find("_ZN2at13globalContextEv", "?globalContext@at@@YAAEAVContext@1@XZ");
        return function == 0 ? 0 : ((delegate* unmanaged[Cdecl]<nint>)function)();
    });

    /// <summary>cuDNN's benchmark mode.</summary>
    public static Switch? Benchmark { get; } = Find(
        ("_ZNK2at7Context14benchmarkCuDNNEv", "?benchmarkCuDNN@Context@at@@QEBA_NXZ"),
        ("_ZN2at7Context17setBenchmarkCuDNNEb", "?setBenchmarkCuDNN@Context@at@@QEAAX_N@Z"));

    /// <summary>cuDNN's deterministic mode.</summary>
    public static Switch? DeterministicCuDnn { get; } = Find(
        ("_ZNK2at7Context18deterministicCuDNNEv", "?deterministicCuDNN@Context@at@@QEBA_NXZ"),
        ("_ZN2at7Context21setDeterministicCuDNNEb", "?setDeterministicCuDNN@Context@at@@QEAAX_N@Z"));

    /// <summary>libtorch's own deterministic algorithms, warning where there is none.</summary>
    public static Switch? DeterministicAlgorithms { get; } = Find(
        ("_ZNK2at7Context23deterministicAlgorithmsEv", "?deterministicAlgorithms@Context@at@@QEBA_NXZ"),
        ("_ZN2at7Context26setDeterministicAlgorithmsEbb", "?setDeterministicAlgorithms@Context@at@@QEAAX_N0@Z"),
        LibtorchExports.Find(
            "_ZNK2at7Context31deterministicAlgorithmsWarnOnlyEv", "?deterministicAlgorithmsWarnOnly@Context@at@@QEBA_NXZ"));

    /// <summary>Whether convolutions may use oneDNN.</summary>
    public static Switch? OneDnn { get; } = Find(
        ("_ZNK2at7Context17userEnabledMkldnnEv", "?userEnabledMkldnn@Context@at@@QEBA_NXZ"),
        ("_ZN2at7Context20setUserEnabledMkldnnEb", "?setUserEnabledMkldnn@Context@at@@QEAAX_N@Z"));

    /// <summary>Whether convolutions may use NNPACK.</summary>
    public static Switch? Nnpack { get; } = Find(
        ("_ZNK2at7Context17userEnabledNNPACKEv", "?userEnabledNNPACK@Context@at@@QEBA_NXZ"),
        ("_ZN2at7Context20setUserEnabledNNPACKEb", "?setUserEnabledNNPACK@Context@at@@QEAAX_N@Z"));

    /// <summary>
    /// Whether NNPACK works on this processor; null where libtorch cannot be asked. Where it does not, asking writes a line to the error
    /// output.
    /// </summary>
    public static bool? NnpackWorks()
    {
        nint function = LibtorchExports.Find("_ZN2at6native17_nnpack_availableEv", "?_nnpack_available@native@at@@YA_NXZ");
        return function == 0 ? null : ((delegate* unmanaged[Cdecl]<byte>)function)() != 0;
    }

    private static Switch? Find((string Itanium, string Microsoft) read, (string Itanium, string Microsoft) write, nint warns = 0)
    {
        nint get = LibtorchExports.Find(read.Itanium, read.Microsoft);
        nint set = LibtorchExports.Find(write.Itanium, write.Microsoft);
        return Context.Value != 0 && get != 0 && set != 0 ? new Switch(Context.Value, get, set, warns) : null;
    }

    /// <summary>One switch.</summary>
    /// <param name="context">The global context.</param>
    /// <param name="reader">Reads the switch.</param>
    /// <param name="writer">Writes the switch; where it can also be told to warn instead of failing, by its third argument, which the
    /// others do not look at.</param>
    /// <param name="warns">Reads whether it warns instead of failing; 0 for a switch that cannot.</param>
    public sealed class Switch(nint context, nint reader, nint writer, nint warns)
    {
        /// <summary>Whether the switch is on, and whether what cannot be done so is warned of instead of failing.</summary>
        public (bool On, bool Warns) Value
        {
            get => (Read(reader), warns == 0 || Read(warns));
            set => ((delegate* unmanaged[Cdecl]<nint, int, int, void>)writer)(context, value.On ? 1 : 0, value.Warns ? 1 : 0);
        }

        private bool Read(nint function) => ((delegate* unmanaged[Cdecl]<nint, byte>)function)(context) != 0;
    }
}
