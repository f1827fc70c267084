using MadgNet.Cli.CommandLine;
using MadgNet.Core.Inference;
using MadgNet.Core.Weights;

namespace MadgNet.Cli.Commands;

/// <summary>A trained network in any of the files that hold one.</summary>
internal static class ModelFile
{
    /// <summary>Opens a predictor on this library's safetensors or a checkpoint of the authors' code.</summary>
    /// <exception cref="Core.MadgNetException">The file cannot be used, or libtorch cannot be loaded.</exception>
    public static SegmentationPredictor OpenPredictor(string path, PredictorOptions options, string device, int? threads)
    {
        // The file is looked at before libtorch is loaded, so that a wrong path is told as such everywhere.
        using (WeightArchive.Open(path))
        {
        }

        return Predictor.Load(path, options, Devices.Choose(device, threads));
    }
}
