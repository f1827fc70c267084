namespace MadgNet.Onnx;

/// <summary>A value N×C×H×W of a graph that is being made.</summary>
/// <remarks>
/// Made by the graph; an <see cref="IOnnxEncoder"/> passes it on. Height and width are null where the exported network takes any
/// size, and they are known only when it runs.
/// </remarks>
public readonly record struct OnnxFeatureMap
{
    internal OnnxFeatureMap(string name, int channels, int? height, int? width)
    {
        Name = name;
        Channels = channels;
        Height = height;
        Width = width;
    }

    /// <summary>The name of the value in the graph.</summary>
    public string Name { get; internal init; }

    /// <summary>C, the channels.</summary>
    public int Channels { get; internal init; }

    /// <summary>H, or null where it is free.</summary>
    public int? Height { get; internal init; }

    /// <summary>W, or null where it is free.</summary>
    public int? Width { get; internal init; }

    /// <summary>Whether two maps are known to have the same height and width.</summary>
    internal bool HasSizeOf(OnnxFeatureMap other) =>
        Height is not null && Width is not null && Height == other.Height && Width == other.Width;

    /// <summary>The map after a convolution or pooling.</summary>
    internal OnnxFeatureMap After(string name, int channels, int kernel, int stride, int padding, int dilation = 1) => new(
        name,
        channels,
        Convolved(Height, kernel, stride, padding, dilation),
        Convolved(Width, kernel, stride, padding, dilation));

    private static int? Convolved(int? size, int kernel, int stride, int padding, int dilation) =>
        size is null ? null : (((size + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1);
}
