namespace MadgNet.Onnx;

/// <summary>
/// The keys under which an exported file says what it is, in its <c>metadata_props</c>. Values are texts; numbers are
/// written invariantly.
/// </summary>
public static class OnnxMetadata
{
    /// <summary>The version of the library that exported the file.</summary>
    public const string Version = Prefix + "version";

    /// <summary>The kind of network, by its name: <c>madgnet</c>, <c>unet</c>, or a host's.</summary>
    public const string Architecture = Prefix + "architecture";

    /// <summary>What the network expects of images, as <see cref="MadgNet.Core.Inputs.ModelInput.ToJson"/> writes it.</summary>
    public const string Input = Prefix + "input";

    /// <summary>What the network is made of: JSON of its kind's options.</summary>
    public const string ModelOptions = Prefix + "options";

    /// <summary>The names of the labels, a JSON array with one text a label; empty where the model names none.</summary>
    public const string Labels = Prefix + "labels";

    /// <summary>The probability from which on a pixel belongs to a label; absent where the model has none.</summary>
    public const string Threshold = Prefix + "threshold";

    /// <summary>Height and width of the images as <c>352x352</c>, or <c>dynamic</c>.</summary>
    public const string InputSize = Prefix + "input_size";

    /// <summary>What height and width have to be multiples of.</summary>
    public const string Stride = Prefix + "stride";

    /// <summary>
    /// The input's values: <c>scaled</c> (float32, as the model was trained) or <c>bytes</c> (uint8, scaled in the graph).
    /// </summary>
    public const string InputValues = Prefix + "input_values";

    /// <summary>
    /// How intensities are scaled before the network or, with <c>bytes</c>, in the graph: <c>FullRange</c> (file range to 0..1) or
    /// <c>MinMax</c>.
    /// </summary>
    public const string IntensityScaling = Prefix + "intensity_scaling";

    /// <summary>What the graph does to scaled values first: <c>None</c> or <c>ImageNet</c>. A caller does nothing.</summary>
    public const string Normalization = Prefix + "normalization";

    /// <summary>The outputs' values: <c>probability</c> or <c>logit</c>.</summary>
    public const string OutputValues = Prefix + "output_values";

    /// <summary>The name of the output that holds the prediction.</summary>
    public const string RegionOutput = Prefix + "region_output";

    /// <summary>The precision, one of <see cref="OnnxPrecision"/>'s names.</summary>
    public const string Precision = Prefix + "precision";

    /// <summary>What every key of the library begins with.</summary>
    internal const string Prefix = "madgnet.";

    internal const string ScaledValues = "scaled";
    internal const string ByteValues = "bytes";
    internal const string Probabilities = "probability";
    internal const string Logits = "logit";
    internal const string DynamicSize = "dynamic";
}
