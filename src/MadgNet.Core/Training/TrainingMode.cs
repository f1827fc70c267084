using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MadgNet.Core.Training;

/// <summary>
/// Which parts of a model learn: puts it into training mode with what the options freeze, and gives it back as it was, in evaluation
/// mode.
/// </summary>
internal sealed class TrainingMode : IDisposable
{
    private readonly SegmentationModel _model;
    private readonly TrainerOptions _options;
    private readonly List<(Parameter Parameter, bool Trained)> _encoder;
    private readonly List<(BatchNormalization Module, bool Frozen)> _normalizations;

    public TrainingMode(SegmentationModel model, TrainerOptions options)
    {
        _model = model;
        _options = options;
        _encoder = [.. model.named_parameters()
            .Where(entry => model.IsEncoderParameter(entry.name))
            .Select(entry => (entry.parameter, entry.parameter.requires_grad))];
        _normalizations = [.. model.modules().OfType<BatchNormalization>().Select(module => (module, module.FrozenStatistics))];
    }

    /// <summary>Makes the model ready for the steps of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public void Enter(int epoch)
    {
        _model.train();
        bool freezesEncoder = epoch < _options.FrozenEncoderEpochs;
        foreach ((Parameter parameter, bool trained) in _encoder)
        {
            parameter.requires_grad = trained && !freezesEncoder;
        }

        if (_options.FrozenNormalization == FrozenNormalization.None)
        {
            return;
        }

        bool all = _options.FrozenNormalization == FrozenNormalization.All;
        foreach (nn.Module module in _model.named_modules()
            .Where(part => all || _model.IsEncoderParameter(part.name + "."))
            .Select(part => part.module))
        {
            if (module is BatchNormalization normalization)
            {
                normalization.FrozenStatistics = true;
            }
            else if (module.named_buffers(recurse: false).Any(buffer => buffer.name == "running_mean"))
            {
                // A normalisation of the host's.
                module.eval();
            }
        }
    }

    public void Dispose()
    {
        foreach ((Parameter parameter, bool trained) in _encoder)
        {
            parameter.requires_grad = trained;
        }

        foreach ((BatchNormalization module, bool frozen) in _normalizations)
        {
            module.FrozenStatistics = frozen;
        }

        _model.eval();
    }
}
