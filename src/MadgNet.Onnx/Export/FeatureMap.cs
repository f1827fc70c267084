namespace MadgNet.Onnx.Export;

/// <summary>A value N×C×H×W of the graph. Height and width are null where they are known only when the graph runs.</summary>
internal readonly record struct FeatureMap(string Name, int Channels, int? Height, int? Width)
{
    /// <summary>Whether two maps are known to have the same height and width.</summary>
    public bool HasSizeOf(FeatureMap other) => Height is not null && Width is not null && Height == other.Height && Width == other.Width;

    /// <summary>The map after a convolution or pooling.</summary>
    public FeatureMap After(string name, int channels, int kernel, int stride, int padding, int dilation = 1) => new(
        name,
        channels,
        Convolved(Height, kernel, stride, padding, dilation),
        Convolved(Width, kernel, stride, padding, dilation));

    private static int? Convolved(int? size, int kernel, int stride, int padding, int dilation) =>
        size is null ? null : (((size + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1);
}
