using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Runtime;

/// <summary>
/// Sees to it that libtorch computes rightly in this process: known hazards are met before the first convolution, then a check
/// proves the rest, once for each device.
/// </summary>
internal sealed class ArithmeticGuard
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Verdict> _verdicts = new(StringComparer.Ordinal);
    private readonly ProcessorCaches _caches;
    private readonly IReadOnlyList<ArithmeticOperation> _operations;
    private NativeRuntimeOptions _options = new();
    private volatile bool _prepared;
    private volatile bool _processorVerified;
    private bool _logged;
    private OneDnnState _oneDnn;
    private bool _nnpack = true;
    private List<string> _reasons = [];
    private Problem? _impossible;

    /// <summary>Creates the guard of a process.</summary>
    /// <param name="caches">What the processor tells of its caches.</param>
    /// <param name="operations">What is checked once for each device; <see cref="ArithmeticOperation.Fixed"/> when null.</param>
    public ArithmeticGuard(ProcessorCaches caches, IReadOnlyList<ArithmeticOperation>? operations = null)
    {
        _caches = caches;
        _operations = operations ?? ArithmeticOperation.Fixed;
    }

    /// <summary>Takes options; what was decided and checked under others is decided and checked again.</summary>
    public void Configure(NativeRuntimeOptions options)
    {
        lock (_gate)
        {
            bool again = options.OneDnn != _options.OneDnn;
            _options = options;
            if (again)
            {
                _prepared = false;
                _processorVerified = false;
                _verdicts.Clear();
            }

            _logged &= !again;
            Log(options.Logger);
        }
    }

    /// <summary>Meets the known hazards, once. libtorch is loaded.</summary>
    public void Prepare()
    {
        if (_prepared)
        {
            return;
        }

        lock (_gate)
        {
            if (!_prepared)
            {
                _reasons = [];
                _impossible = null;
                PrepareOneDnn();
                PrepareNnpack();
                _prepared = true;
                Log(_options.Logger);
            }
        }
    }

    /// <summary>Checks a device where that was not done yet. libtorch is loaded.</summary>
    /// <exception cref="WrongArithmeticException">It computes wrongly, whatever is switched off.</exception>
    public void EnsureVerified(Device device)
    {
        bool processor = device.type == DeviceType.CPU;
        if (processor && _processorVerified)
        {
            return;
        }

        Prepare();
        string key = Key(device);
        if (!_verdicts.TryGetValue(key, out Verdict? verdict))
        {
            lock (_gate)
            {
                if (!_verdicts.TryGetValue(key, out verdict))
                {
                    verdict = Decide(device, _operations, CancellationToken.None);
                    _verdicts[key] = verdict;
                    Log(_options.Logger);
                }
            }
        }

        if (verdict.Failure is { } failure)
        {
            throw failure();
        }

        _processorVerified |= processor;
    }

    /// <summary>Checks a device again, and more of it.</summary>
    /// <exception cref="WrongArithmeticException">It computes wrongly, whatever is switched off.</exception>
    public ArithmeticReport Verify(ArithmeticCheckOptions options, CancellationToken cancellationToken)
    {
        Prepare();
        lock (_gate)
        {
            IEnumerable<ArithmeticOperation> Operations()
            {
                var random = new Random(options.Seed);
                return _operations.Concat(
                    Enumerable.Range(0, options.RandomConvolutions).Select(_ => ArithmeticOperation.RandomConvolution(random)));
            }

            Verdict verdict = Decide(options.Device, Operations(), cancellationToken);
            _verdicts[Key(options.Device)] = verdict;
            Log(_options.Logger);
            return verdict.Failure is { } failure ? throw failure() : Report(verdict);
        }
    }

    /// <summary>What is known so far.</summary>
    public ArithmeticReport Report(Device device)
    {
        Prepare();
        lock (_gate)
        {
            return Report(_verdicts.GetValueOrDefault(Key(device)));
        }
    }

    /// <summary>Tells a logger what was switched off or repaired, once.</summary>
    public void Log(ILogger logger)
    {
        lock (_gate)
        {
            LogLevel level = _oneDnn == OneDnnState.Off ? LogLevel.Warning : LogLevel.Information;
            if (_logged || !_prepared || _reasons.Count == 0 || !logger.IsEnabled(level))
            {
                return;
            }

            _logged = true;
            logger.Log(
                level,
                "Arithmetic of this machine: oneDNN {OneDnn}, NNPACK {Nnpack}: {Reason}",
                Text(_oneDnn),
                _nnpack ? "on" : "off",
                string.Join("; ", _reasons));
        }
    }

    private static string Key(Device device) => device.type == DeviceType.CPU ? "cpu" : $"cuda:{Math.Max(0, device.index)}";

    private static string Text(OneDnnState state) => state.ToString().ToLowerInvariant();

    private void PrepareOneDnn()
    {
        _oneDnn = OneDnnState.On;
        if (_options.OneDnn == OneDnnMode.Off)
        {
            SwitchOff("it was chosen so");
            return;
        }

        SetOneDnn(true);
        if (!_caches.MisleadOneDnn)
        {
            return;
        }

        const string Cause = "the processor tells no cache sizes, and oneDNN takes each cache for nothing";
        string? refusal = OneDnnDescription.Repair(_caches);
        if (refusal is null)
        {
            _oneDnn = OneDnnState.Repaired;
            _reasons.Add($"{Cause}: sizes were put into its description of the processor");
        }
        else if (_options.OneDnn == OneDnnMode.On)
        {
            _impossible = new Problem(
                nameof(NativeRuntimeOptions.OneDnn),
                $"On, on a machine where {Cause}; its description of the processor cannot be repaired ({refusal})",
                "a machine on which oneDNN computes rightly",
                "Choose OneDnnMode.Auto, which computes without oneDNN here, or a virtual machine whose processor tells its caches");
        }
        else
        {
            SwitchOff($"{Cause}; its description of the processor cannot be repaired ({refusal})");
        }
    }

    private void PrepareNnpack()
    {
        // Where NNPACK cannot work, asking libtorch whether it does writes a line to the error output: the processor is asked first.
        _nnpack = _caches.SupportNnpack && (LibtorchContext.NnpackWorks() ?? true);
        if (!_nnpack && LibtorchContext.Nnpack is { } nnpack)
        {
            nnpack.Value = (false, false);
            _reasons.Add("NNPACK cannot work on this processor");
        }
    }

    private void SwitchOff(string reason)
    {
        if (SetOneDnn(false))
        {
            _oneDnn = OneDnnState.Off;
            _reasons.Add($"oneDNN is off: {reason}");
        }
        else
        {
            _impossible = new Problem(
                "libtorch",
                $"a build whose oneDNN cannot be switched off, where it has to be ({reason})",
                "a build that exports at::Context::setUserEnabledMkldnn",
                "Use the backend package of the version that the documentation names");
        }
    }

    private static bool SetOneDnn(bool on)
    {
        if (LibtorchContext.OneDnn is not { } setting)
        {
            return false;
        }

        setting.Value = (on, false);
        return true;
    }

    private Verdict Decide(Device device, IEnumerable<ArithmeticOperation> operations, CancellationToken cancellationToken)
    {
        if (_impossible is { } impossible)
        {
            return new Verdict(null, [], () => new WrongArithmeticException(impossible));
        }

        // Drawn once, so that both checks see the same.
        IReadOnlyList<ArithmeticOperation> all = operations as IReadOnlyList<ArithmeticOperation> ?? [.. operations];
        ArithmeticCheck check = ArithmeticCheck.Run(device, all, cancellationToken);
        IReadOnlyList<ArithmeticFinding> before = check.Wrong;
        if (before.Count > 0 && device.type == DeviceType.CPU && _options.OneDnn == OneDnnMode.Auto && _oneDnn != OneDnnState.Off)
        {
            SwitchOff($"the check found {before.Count} wrong results, for example {before[0]}");
            if (_oneDnn == OneDnnState.Off)
            {
                check = ArithmeticCheck.Run(device, all, cancellationToken);
            }
        }

        return check.Wrong.Count == 0 ? new Verdict(check, before, null) : new Verdict(check, before, () => Wrong(device, check.Wrong));
    }

    private WrongArithmeticException Wrong(Device device, IReadOnlyList<ArithmeticFinding> findings) => new(
        new Problem(
            $"libtorch on {device}",
            $"{findings.Count} wrong results, oneDNN {Text(_oneDnn)}: {string.Join("; ", findings.Take(3))}",
            "results that agree with double precision",
            "Do not use this machine for masks or training: try another one, another version of the backend package, or for a GPU "
            + "another driver; report the findings with NativeRuntime.Describe()"),
        findings);

    private ArithmeticReport Report(Verdict? verdict) =>
        new(_oneDnn, _nnpack, string.Join("; ", _reasons), verdict is { Check: not null, Failure: null })
        {
            Operations = verdict?.Check?.Operations ?? 0,
            Worst = verdict?.Check?.Worst ?? 0,
            Worst16Bit = verdict?.Check?.Worst16Bit ?? 0,
            Wrong = verdict?.Before ?? [],
        };

    private sealed record Verdict(ArithmeticCheck? Check, IReadOnlyList<ArithmeticFinding> Before, Func<WrongArithmeticException>? Failure);
}
