using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Onnx;

namespace MadgNet.Core.Benchmarks.Files;

/// <summary>A built-in network of small levels, as weights and as an ONNX file.</summary>
internal sealed class SoakNetwork
{
    public SoakNetwork(string folder)
    {
        Weights = Path.Combine(folder, "small.safetensors");
        Onnx = Path.Combine(folder, "small.onnx");
        var options = new UNetOptions { Encoder = EncoderNames.ResNet18, DecoderChannels = [8, 8, 8, 8] };
        using SegmentationModel model = options.Build(ModelRegistry.BuiltIn, seed: 1);
        model.Save(Weights);
        OnnxExporter.Export(model, Onnx, new OnnxExportOptions { InputSize = (32, 32), Precision = OnnxPrecision.Int8 });
    }

    /// <summary>The weights; tens of megabytes, which are linked to and not copied.</summary>
    public string Weights { get; }

    /// <summary>The ONNX file.</summary>
    public string Onnx { get; }
}
